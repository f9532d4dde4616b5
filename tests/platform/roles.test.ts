/** @file Who plays a role: how it is written, what is refused, and whose weights answer. */
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { scripted } from '#engines/scripted.ts';
import type { Adapter } from '#model/adapter.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { newRecord } from '#runs/request.ts';
import {
	isWithinReach,
	leavesTab,
	readRoles,
	readPlayer,
	serversOf,
} from '#platform/roles/roles.ts';
import { openRoleEngines } from '#platform/roles/role-engines.ts';
import { shareEngine } from '#platform/shared-engine.ts';

const adapter: Adapter = {
	parameters: { kind: 'lora', rank: 1, alpha: 1, targets: [] },
	tensors: new Map(),
};
const shared = () =>
	shareEngine(scripted({ script: (_, { adapter: held }) => (held ? 'learnt' : 'base') }));
const say = { maxTokens: 20 };

describe('a player', () => {
	test.each([
		['policy', { kind: 'policy' }],
		['frozen', { kind: 'frozen' }],
		['script:5', { kind: 'script', text: '5' }],
		['script:a: b', { kind: 'script', text: 'a: b' }],
		[
			'endpoint:http://localhost:8000/v1#qwen',
			{ kind: 'endpoint', url: 'http://localhost:8000/v1', model: 'qwen' },
		],
		['web-llm:Qwen-1B', { kind: 'web-llm', model: 'Qwen-1B' }],
	])('%s is read', (text, player) => {
		expect(readPlayer('judge', text)).toEqual(player);
	});

	test.each([
		'',
		'judge',
		'frozen:1',
		'endpoint:',
		'endpoint:localhost#x',
		'endpoint:http://x',
		'web-llm:',
		'endpoint:javascript:alert(1)#x',
	])('"%s" is refused with what is allowed', (text) => {
		expect(() => readPlayer('judge', text)).toThrow(
			`judge must be one of policy, frozen, script:TEXT, endpoint:URL#MODEL, web-llm:MODEL; got "${text}".`,
		);
	});

	test('is one of four roles; what the policy plays needs no saying', () => {
		expect(readRoles({ judge: 'policy', critic: 'frozen' })).toEqual(
			new Map([['critic', { kind: 'frozen' }]]),
		);
		expect(() => readRoles({ teacher: 'frozen' })).toThrow(
			'Role must be one of proposer, solver, critic, judge; got "teacher".',
		);
	});

	test('only an endpoint leaves the tab', () => {
		expect(leavesTab({ judge: 'frozen', critic: 'web-llm:x', solver: 'script:x' })).toBe(false);
		expect(leavesTab({ judge: 'endpoint:http://localhost/v1#x' })).toBe(true);
	});

	test('is named by the server that plays it, once, and also if nobody could read it', () => {
		const one = 'endpoint:http://127.0.0.1:8000/v1#x';
		expect(serversOf({ judge: one, critic: one, solver: 'frozen' })).toEqual(['127.0.0.1:8000']);
		expect(serversOf({ judge: 'endpoint:what', teacher: 'nobody' })).toEqual(['a server']);
	});
});

describe('role engines', () => {
	test('the frozen copy speaks with the base weights, the policy with its own, call by call', async () => {
		const at = shared();
		const { roles } = await openRoleEngines({ judge: 'frozen', critic: 'frozen' }, at, undefined);
		await at.setAdapter(adapter);
		const said = await Promise.all([
			at.generate(['a'], say),
			roles.judge?.generate(['b'], say),
			at.generate(['c'], say),
		]);
		expect(said.map((one) => one?.[0]?.text)).toEqual(['learnt', 'base', 'learnt']);
		expect(roles.judge).toBe(roles.critic);
		expect(roles.solver).toBeUndefined();
	});

	test('a script says the same to everything', async () => {
		const { roles } = await openRoleEngines({ judge: 'script:5' }, shared(), undefined);
		const said = await roles.judge?.generate(['a', 'b'], say);
		expect(said?.map(({ text }) => text)).toEqual(['5', '5']);
	});

	test('models elsewhere are opened once, closed with the run, and refused if there are none', async () => {
		const closed: string[] = [];
		const engine = { ...scripted({ script: [] }), dispose: () => Promise.resolve() };
		const opened: string[] = [];
		const engines = await openRoleEngines(
			{ judge: 'web-llm:x', critic: 'web-llm:x' },
			shared(),
			({ model }) => {
				opened.push(model);
				return Promise.resolve({
					...engine,
					dispose: () => Promise.resolve(void closed.push(model)),
				});
			},
		);
		await engines.dispose();
		expect({ opened, closed }).toEqual({ opened: ['x'], closed: ['x'] });
		await expect(openRoleEngines({ judge: 'web-llm:x' }, shared(), undefined)).rejects.toThrow(
			'There is no web-llm here; use policy, frozen or script.',
		);
	});

	test('an endpoint is asked over the network, in the terminal', async () => {
		const heard: unknown[] = [];
		const server = createServer((request, response) => {
			const parts: Buffer[] = [];
			request.on('data', (part: Buffer) => parts.push(part));
			request.on('end', () => {
				// Asked first, to see that a server is there.
				if (request.method === 'GET') return void response.end('{"data":[]}');
				heard.push(JSON.parse(Buffer.concat(parts).toString('utf8')));
				response.setHeader('content-type', 'application/json');
				const message = { role: 'assistant', content: '4' };
				response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }));
			});
		});
		await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
		const address = server.address();
		const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
		const { openElsewhere } = await openNodePlatform();
		const engines = await openRoleEngines(
			{ judge: `endpoint:http://127.0.0.1:${port}/v1#small` },
			shared(),
			openElsewhere,
		);
		try {
			const said = await engines.roles.judge?.generate([[{ role: 'user', content: 'Hm?' }]], say);
			expect(said?.[0]?.text).toBe('4');
			expect(heard).toMatchObject([
				{ model: 'small', messages: [{ role: 'user', content: 'Hm?' }] },
			]);
		} finally {
			await engines.dispose();
			server.close();
		}
	});
});

describe('an endpoint that is not there', () => {
	test('is named with its remedy before anything else is done', async () => {
		const { openElsewhere } = await openNodePlatform();
		const opening = openRoleEngines(
			{ judge: 'endpoint:http://127.0.0.1:9/v1#x' },
			shared(),
			openElsewhere,
		);
		await expect(opening).rejects.toThrow(
			/^The endpoint at http:\/\/127\.0\.0\.1:9 could not be reached .*Check that the server runs, and its address\.$/,
		);
	});

	test.each([
		['http://localhost:11434/v1', true],
		['http://127.0.0.1:8000/v1', true],
		['https://page.example/v1', true],
		['https://api.example/v1', false],
		['http://localhost.example/v1', false],
		['http://192.168.0.7:8000/v1', false],
		['http://%', false],
	])('from a page, %s is within reach: %s', (url, reach) => {
		expect(isWithinReach(url, 'https://page.example')).toBe(reach);
	});
});

describe('a run', () => {
	const options = {
		method: 'self-instruct',
		environment: 'instructions',
		seed: 1,
		rounds: 1,
		knobs: {},
	};
	test('takes the roles of its method, what is asked for first, and its own base model', () => {
		const { recipe } = newRecord({ ...options, roles: { critic: 'script:Fine.' } }, 'a', 0);
		expect(recipe.roles).toEqual({ judge: 'frozen', critic: 'script:Fine.' });
		expect(recipe.model).toBe('SmolLM2-135M-Instruct');
		const other = newRecord({ ...options, model: 'models/qwen.gguf' }, 'a', 0);
		expect(other.recipe.model).toBe('models/qwen.gguf');
		expect(other.state).not.toEqual(newRecord(options, 'a', 0).state);
	});

	test('is refused where a role is', () => {
		expect(() => newRecord({ ...options, roles: { judge: 'God' } }, 'a', 0)).toThrow(
			/^judge must be one of /,
		);
	});

	test('keeps prompts that a person has put otherwise, and refuses one without its places', () => {
		const judgePrompt = 'Is {answer} an answer to {task}? Say a number from 1 to 5.';
		expect(newRecord({ ...options, knobs: { judgePrompt } }, 'a', 0).recipe.knobs).toEqual({
			judgePrompt,
		});
		expect(() => newRecord({ ...options, knobs: { judgePrompt: 'Good?' } }, 'a', 0)).toThrow(
			'judgePrompt must hold {task} and {answer}, which is filled in.',
		);
	});
});
