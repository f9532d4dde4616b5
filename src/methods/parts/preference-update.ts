/** @file Update of the recipes that learn from pairs: DPO on a LoRA, alike in all of them, so that they can be compared. */
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { use } from './method.ts';

const training = { objective: 'dpo', beta: 1, steps: 60, batch: 32, learningRate: 1e-4 } as const;
export const preferenceUpdate = [
	use(regularization, { average: 0.95, klReference: 'round' }),
	use(architecture, { trains: 'lora', rank: 64, alpha: 64, ...training }),
];
