/** @file Walks through a page by keyboard alone. */
import type { Page } from 'playwright';

/** Presses Tab until the element of this name has the focus; the number of presses. */
export async function tabTo(page: Page, name: RegExp, most = 60): Promise<number> {
	for (let i = 1; i <= most; i++) {
		await page.keyboard.press('Tab');
		const focused = await page.evaluate(() => {
			const element = document.activeElement;
			const ids = element?.getAttribute('aria-labelledby')?.split(' ');
			const label =
				element instanceof HTMLInputElement || element instanceof HTMLSelectElement
					? element.labels?.[0]?.textContent
					: '';
			const named = ids
				? ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
				: (element?.getAttribute('aria-label') ??
					`${element instanceof HTMLSelectElement ? '' : (element?.textContent ?? '')}${label ?? ''}`);
			return named.replace(/\s+/g, ' ').trim();
		});
		if (name.test(focused)) return i;
	}
	throw new Error(`No Tab leads to ${String(name)}.`);
}

/** Tab to the element of this name, then Enter; the number of presses of Tab. */
export async function enter(page: Page, name: RegExp, most?: number): Promise<number> {
	const presses = await tabTo(page, name, most);
	await page.keyboard.press('Enter');
	return presses;
}
