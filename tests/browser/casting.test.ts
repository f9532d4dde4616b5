/** @file Runs in English in a real browser: who plays which role, and prompts put in other words. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { button, openPage, type OpenPage } from '../ui/open-page.ts';

let opened: OpenPage;
beforeEach(() => {
	localStorage.clear();
	opened = openPage('?method=self-instruct');
});
afterEach(() => opened.close());

const role = (name: string) => page.getByLabelText(new RegExp(`^${name} `));

test('a role is given to the base model, and the address says so', async () => {
	await button('Self-Instruct').first().click();
	await expect.element(role('judge')).toHaveValue('frozen');
	await role('critic').selectOptions('The model, as it began');
	await role('judge').selectOptions('The model, as it has become');
	expect(location.search).toBe('?method=self-instruct&critic=frozen&judge=policy');
	await userEvent.keyboard('{Escape}');
	await button('Evolve').click();
	await expect
		.poll(() => opened.session.told[0])
		.toContain('"roles":{"critic":"frozen","judge":"policy"}');
});

test('an endpoint is marked as leaving the tab, is refused without a model, and stays out of the address', async () => {
	await button('Self-Instruct').first().click();
	await role('proposer').selectOptions('A server (leaves this tab)');
	const which = page.getByLabelText('proposer: which');
	await which.fill('http://127.0.0.1:8000/v1');
	await userEvent.keyboard('{Tab}');
	await expect.element(page.getByText(/^Which model\? Write # and its name/)).toBeVisible();
	await which.fill('https://api.example/v1#large');
	await userEvent.keyboard('{Tab}');
	await expect
		.element(page.getByText(/^This page asks servers on this machine only/))
		.toBeVisible();
	await which.fill('http://127.0.0.1:8000/v1#qwen');
	await userEvent.keyboard('{Tab}');
	await expect.element(page.getByText('asks 127.0.0.1:8000')).toBeInTheDocument();
	await expect.element(page.getByText(/are sent to the server named here/)).toBeVisible();
	expect(location.search).toBe('?method=self-instruct');
});

test('a prompt is put in other words, keeps its places, and goes back', async () => {
	await button('Feedback from the model as judge').click();
	const prompt = page.getByLabelText('What the judge is asked');
	await prompt.fill('Is it good?');
	await userEvent.keyboard('{Tab}');
	await expect
		.element(page.getByText('judgePrompt must hold {task} and {answer}, which is filled in.'))
		.toBeVisible();
	await prompt.fill('{task} {answer} Yes or No?');
	await userEvent.keyboard('{Tab}');
	expect(new URLSearchParams(location.search).get('judgePrompt')).toBe(
		'{task} {answer} Yes or No?',
	);
	await page.getByRole('button', { name: 'back to the words it began with' }).click();
	expect(location.search).toBe('?method=self-instruct');
});

test('Done gives the focus back to what opened the dialog', async () => {
	await button('Self-Instruct').first().click();
	await button('Done').click();
	await expect.element(button('Self-Instruct').first()).toHaveFocus();
});
