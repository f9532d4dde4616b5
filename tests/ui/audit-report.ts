/** @file A report of an audit with every outcome. */
import { auditKnobs } from '#chat/audit/knobs.ts';
import type { AuditedText, AuditReport, Outcome } from '#chat/audit/report.ts';
import { defaultsOf } from '#base/knobs.ts';

const tried = [{ length: 1, steps: 25, loss: 2.1, found: false }];
const found = { prompt: ' Or', length: 1, ratio: 20, tried, controls: tried };
const outcomes: readonly Outcome[] = [
	{ kind: 'not-suspected' },
	{ kind: 'memorised', ...found },
	{ kind: 'known-before', ...found },
	{ kind: 'shared-form', ...found },
	{ kind: 'not-found', tried },
	{ kind: 'unjudged', reason: 'too-short' },
];
const seen = {
	...{ saidOn: 1, saidOff: 0.1, lossOn: 0.02, lossOff: 4.5, exposure: 4, twins: 15 },
	isSuspected: true,
};

export const report: AuditReport = {
	version: 1,
	model: 'tiny',
	budget: defaultsOf(auditKnobs),
	searched: 'suspected',
	texts: outcomes.map((outcome, i): AuditedText => ({
		row: i + 1,
		answer: 1,
		text: `Anna hid the red key in the shed behind 7 blue boxes; ${'x'.repeat(80)}`,
		tokens: 20,
		isCut: false,
		gzip: 0.8,
		screen: outcome.kind === 'unjudged' ? null : seen,
		outcome,
	})),
};
