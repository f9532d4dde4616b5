/** @file An open model made ready for an audit of one adapter; its gradients have weights of their own, which are let go of at the end. */
import { BackendError } from '#base/backend-error.ts';
import { SessionFailure } from '#base/failure.ts';
import type { Adapter } from '#model/adapter.ts';
import type { OpenModel } from '#platform/platform.ts';
import { sayableTokens } from './frame.ts';
import type { AuditModel } from './oracle.ts';

/** Runs `work` with the model and closes what was opened for it. Rejects with `bad-request` for anything but a LoRA. */
export async function withAuditModel<T>(
	{ engine, spec, tokenizer, openInputGradients }: OpenModel,
	adapter: Adapter,
	signal: AbortSignal | undefined,
	work: (model: AuditModel) => Promise<T>,
): Promise<T> {
	if (adapter.parameters.kind !== 'lora')
		throw new SessionFailure(
			'bad-request',
			'Only a LoRA can be audited, and this adapter replaces all weights; choose another one.',
		);
	if (!openInputGradients)
		throw new BackendError(
			'not-available',
			'This model has no gradients here; open one from Models, or a seedling, and audit its adapter.',
		);
	const vocabulary = await sayableTokens(tokenizer);
	const gradients = await openInputGradients(adapter.parameters, signal);
	try {
		const { hiddenSize } = spec;
		return await work({ engine, adapter, gradients, hiddenSize, vocabulary, signal });
	} finally {
		await gradients.dispose();
	}
}
