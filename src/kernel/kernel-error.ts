/** @file What can go wrong in the kernel, and what to do about it. */
import { CodedError } from '#base/coded-error.ts';

export class KernelError extends CodedError<'out-of-memory' | 'device-lost'> {
	override name = 'KernelError';
}
