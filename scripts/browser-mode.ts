/** @file How vitest runs what needs a page: one Chromium without a window, the same for tests and benchmarks. */
import { playwright } from '@vitest/browser-playwright';
import type { BrowserConfigOptions } from 'vitest/node';
import { chromiumArguments } from './chromium.ts';

/** For `test.browser`; null lets Playwright say that there is no Chromium. */
export const browserMode = (executablePath: string | null): BrowserConfigOptions => ({
	enabled: true,
	headless: true,
	screenshotFailures: false,
	provider: playwright({
		launchOptions: {
			...(executablePath === null ? {} : { executablePath }),
			args: [...chromiumArguments],
		},
	}),
	instances: [{ browser: 'chromium' }],
});
