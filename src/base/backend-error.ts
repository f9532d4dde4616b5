/** @file Failures of a compute back end: the kernel, ONNX Runtime, tfjs, web-llm, an endpoint. */
import { CodedError } from './coded-error.ts';

export type BackendErrorCode = 'not-available' | 'out-of-memory' | 'device-lost' | 'bad-model';

/** A failure with a code the page can act on; the message names the remedy. */
export class BackendError extends CodedError<BackendErrorCode> {
	override name = 'BackendError';
}
