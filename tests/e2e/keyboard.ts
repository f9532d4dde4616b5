/** @file Walks through a page by keyboard alone. */
import type { Page } from 'playwright';

/** Presses Tab until the element of this name has the focus. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
	for (let i = 0; i < 60; i++) {
		await page.keyboard.press('Tab');
		const focused = await page.evaluate(() => {
			const element = document.activeElement;
			const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : '';
			return `${element?.textContent ?? ''}${label ?? ''}`.replace(/\s+/g, ' ').trim();
		});
		if (name.test(focused)) return;
	}
	throw new Error(`No Tab leads to ${String(name)}.`);
}
