/** @file The audit's component in a real browser: axe, keys alone, and nothing that sticks out. */
import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { showAudit } from '../ui/audit-panel.ts';
import { text } from '../ui/open-page.ts';
import { soon, sticksOut, violations } from '../ui/stored-page.ts';

describe.each([
	['light', 1280, 900],
	['dark', 390, 844],
] as const)('%s, %i wide', (scheme, width, height) => {
	test('axe finds nothing to object to, and keys alone open a text and stop it', async () => {
		await page.viewport(width, height);
		document.documentElement.dataset['theme'] = scheme;
		const news = { type: 'screened', done: 2, of: 6, suspected: 1 } as const;
		const audit = await showAudit(news);
		const first = document.querySelector('summary');
		expect(first?.textContent).toContain('given away');
		expect(await violations()).toEqual([]);
		expect(sticksOut()).toBeLessThanOrEqual(0);
		first?.focus();
		await userEvent.keyboard('{Enter}');
		await soon(() => text('details[open]')).toContain(
			'makes the model say all 20, 20 times as many',
		);
		page.getByRole('button', { name: 'Stop the audit' }).element().focus();
		await userEvent.keyboard('{Enter}');
		expect(audit.stopped()).toBe(1);
		await audit.close();
	});
});
