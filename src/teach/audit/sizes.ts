/** @file How long an audit searches: two budgets, by what a person has time for. */
import { defaultsOf } from '#base/knobs.ts';
import { auditKnobs, type AuditBudget } from '#chat/audit/knobs.ts';

interface Size {
	readonly title: string;
	readonly about: string;
	readonly budget: AuditBudget;
}

const thorough = defaultsOf(auditKnobs);

export const auditSizes = {
	quick: {
		title: 'A quick search',
		about: 'Finds what it knows by heart; what it half knows may be missed.',
		budget: { ...thorough, steps: 8, candidates: 16, longest: 4, controlSteps: 4 },
	},
	thorough: {
		title: 'A thorough search',
		about: 'Longer prompts and more of them; many times as long.',
		budget: thorough,
	},
} as const satisfies Readonly<Record<string, Size>>;

export type AuditSize = keyof typeof auditSizes;
export const auditSizeNames = Object.keys(auditSizes) as readonly AuditSize[];
