/** @file The audit's component on a page of its own, over a report with every outcome. */
import { mount, unmount } from 'svelte';
import type { AuditNews } from '#chat/audit/audit.ts';
import type { AuditReport } from '#chat/audit/report.ts';
import { language } from '#ui/language/language.svelte.ts';
import Audit from '../../src/ui/panels/audit/Audit.svelte';
import '../../src/ui/theme.css';
import { report } from './audit-report.ts';

/** Shows it; returns how often the audit was stopped, and how to take it away. */
export async function showAudit(news: AuditNews | null, shown: AuditReport | null = report) {
	await language.load('teach');
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
