/** @file The audit's component on a page of its own, over a report with every outcome. */
import { mount, unmount } from 'svelte';
import type { AuditNews } from '#chat/audit/audit.ts';
import { auditKnobs } from '#chat/audit/knobs.ts';
import type { AuditedText, AuditReport, Outcome } from '#chat/audit/report.ts';
import { defaultsOf } from '#base/knobs.ts';
import Audit from '../../src/ui/panels/audit/Audit.svelte';
import '../../src/ui/theme.css';

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

/** Shows it; returns how often the audit was stopped, and how to take it away. */
export function showAudit(news: AuditNews | null, shown: AuditReport | null = report) {
	let stopped = 0;
	const target = document.createElement('main');
	target.innerHTML = '<h1>Teach</h1>';
	document.body.append(target);
	const onstop = () => {
		stopped++;
	};
	const panel = mount(Audit, { target, props: { report: shown, news, texts: 6, onstop } });
	return {
		stopped: () => stopped,
		close: async () => {
			await unmount(panel);
			target.remove();
		},
	};
}
