/** @file Firefox and WebKit as Debian packages them, driven over the WebDriver protocols that they speak themselves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A browser with one page. */
export interface OtherBrowser {
	/** Name and version. */
	readonly name: string;
	goto(url: string): Promise<void>;
	/** Runs the body of a function in the page. */
	run(script: string): Promise<unknown>;
	close(): Promise<void>;
}

const firefoxPaths = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const miniBrowser = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

/** What starts each browser here; undefined if it is not installed. */
export const otherBrowsers: Readonly<Record<string, (() => Promise<OtherBrowser>) | undefined>> = {
	Firefox: firefoxPaths.some(existsSync) ? openFirefox : undefined,
	WebKit: [miniBrowser, '/usr/bin/WebKitWebDriver', '/usr/bin/xvfb-run'].every(existsSync)
		? openWebKit
		: undefined,
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Tries until it works, for half a minute. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
	for (let left = 100; ; left--) {
		try {
			return await attempt();
		} catch (error) {
			if (left === 0) throw error;
			await pause(300);
		}
	}
}

/** Starts a program in a process group of its own, which `stop` ends whole. */
function start(command: string, flags: readonly string[]): { stop(): void } {
	const child: ChildProcess = spawn(command, flags, { stdio: 'ignore', detached: true });
	return {
		stop: () => {
			if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
		},
	};
}

interface Capabilities {
	readonly sessionId: string;
	readonly capabilities: { readonly browserName: string; readonly browserVersion: string };
}

const nameOf = ({ capabilities: { browserName, browserVersion } }: Capabilities): string =>
	`${browserName} ${browserVersion}`;

/** WebKitGTK by WebKitWebDriver, which speaks WebDriver over HTTP; it needs a display. */
async function openWebKit(): Promise<OtherBrowser> {
	const port = await freePort();
	const driver = start('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`]);
	const ask = async (path: string, body: object): Promise<unknown> => {
		const response = await fetch(`http://127.0.0.1:${port}/session${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		const { value } = (await response.json()) as { readonly value: unknown };
		if (!response.ok) throw new Error(JSON.stringify(value));
		return value;
	};
	const browserOptions = { binary: miniBrowser, args: ['--automation'] };
	const alwaysMatch = { 'webkitgtk:browserOptions': browserOptions };
	const session = (await patiently(() =>
		ask('', { capabilities: { alwaysMatch } }),
	)) as Capabilities;
	const path = `/${session.sessionId}`;
	return {
		name: nameOf(session),
		goto: async (url) => {
			await ask(`${path}/url`, { url });
		},
		run: (script) => ask(`${path}/execute/sync`, { script, args: [] }),
		close: async () => {
			driver.stop();
		},
	};
}

/** Firefox by Marionette, its own protocol: JSON over TCP, with its length before it. */
async function openFirefox(): Promise<OtherBrowser> {
	const port = await freePort();
	const profile = mkdtempSync(join(tmpdir(), 'evolvarium-firefox-'));
	writeFileSync(join(profile, 'user.js'), `user_pref('marionette.port', ${port});\n`);
	const browser = start(firefoxPaths.find(existsSync) ?? 'firefox', [
		...['--headless', '--no-remote', '--marionette', '--profile', profile],
	]);
	const socket = await patiently(
		() =>
			new Promise<Socket>((resolve, reject) => {
				const made = connect(port, '127.0.0.1', () => {
					resolve(made);
				});
				made.once('error', reject);
			}),
	);
	const waiting = new Map<number, (error: unknown, value: unknown) => void>();
	let buffer = Buffer.alloc(0);
	socket.on('data', (data) => {
		buffer = Buffer.concat([buffer, Buffer.from(data)]);
		for (;;) {
			const colon = buffer.indexOf(':');
			const length = Number(buffer.subarray(0, Math.max(0, colon)).toString());
			if (colon < 0 || buffer.length < colon + 1 + length) return;
			const text = buffer.subarray(colon + 1, colon + 1 + length).toString();
			buffer = buffer.subarray(colon + 1 + length);
			const message: unknown = JSON.parse(text);
			if (!Array.isArray(message)) continue; // the greeting
			const [, id, error, value] = message as [number, number, unknown, unknown];
			waiting.get(id)?.(error, value);
			waiting.delete(id);
		}
	});
	let ids = 0;
	const ask = (command: string, parameters: object): Promise<unknown> =>
		new Promise((resolve, reject) => {
			const id = ids++;
			waiting.set(id, (error, value) => {
				if (error) reject(new Error(JSON.stringify(error)));
				else resolve(value);
			});
			const text = JSON.stringify([0, id, command, parameters]);
			socket.write(`${Buffer.byteLength(text)}:${text}`);
		});
	const session = (await ask('WebDriver:NewSession', {})) as Capabilities;
	return {
		name: nameOf(session),
		goto: async (url) => {
			await ask('WebDriver:Navigate', { url });
		},
		run: async (script) => {
			const answer = await ask('WebDriver:ExecuteScript', { script, args: [] });
			return (answer as { readonly value: unknown }).value;
		},
		close: async () => {
			socket.destroy();
			browser.stop();
			await pause(500);
			rmSync(profile, { recursive: true, force: true });
		},
	};
}
