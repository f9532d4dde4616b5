/** @file Room to climb: at the hardest difficulty of its environment a shipped seedling is at a loss. */
import { expect, test } from 'vitest';
import { derive, random } from '#base/random.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import { openEnvironment } from '#environments/registry.ts';
import { openNodePlatform } from '#platform/open-node.ts';
import { countRight } from '../../scripts/hold-dialogues.ts';

test.each(['order', 'blocks', 'translation', 'persona', 'edits', 'grid'])(
	'%s gets a fifth of its hardest problems right, or fewer',
	async (name) => {
		const environment = openEnvironment(name);
		const { max } = environment.tasks.difficulty;
		const tasks = drawHeldOut(environment, max, 'all', 40, 1).map((item, i) => ({
			item,
			view: environment.tasks.views(item, 1, random(derive(1, i)))[0] ?? {},
		}));
		expect(tasks).toHaveLength(40);
		const model = await (await openNodePlatform({ threads: 1 })).openModel(name);
		expect(await countRight(model.engine, environment, max, tasks)).toBeLessThanOrEqual(8);
		await model.dispose();
	},
);
