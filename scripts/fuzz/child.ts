/** @file Child process of the fuzzer: reads one input at a time, and says how it went. */
import { isCoded } from '#base/coded-error.ts';
import { endless } from './endless.ts';
import { chanceOf, PartialWriteError, readers } from './readers.ts';
import type { Answer, Question } from './outcome.ts';

const namedErrors: ReadonlySet<string> = new Set([
	...['CheckpointError', 'UnsupportedModelError', 'ChatTemplateError', 'DataError'],
	...['BadRecordingError', 'BadLessonError', 'UnknownCharacterError'],
]);
const longestMessage = 2000;

function judge(error: unknown): Answer {
	if (error instanceof PartialWriteError) return { kind: 'partial write', message: error.message };
	const message = error instanceof Error ? error.message : String(error);
	const isNamed = isCoded(error) || (error instanceof Error && namedErrors.has(error.name));
	return isNamed && message.length <= longestMessage
		? { kind: 'refused', message }
		: {
				kind: 'unnamed error',
				message: (error instanceof Error ? (error.stack ?? message) : message).slice(0, 600),
			};
}

process.on('message', (question: Question) => {
	void answer(question).then((result) => process.send?.(result));
});

async function answer({ reader, seed, byHand }: Question): Promise<Answer> {
	try {
		const made = byHand === undefined ? undefined : endless.find(({ name }) => name === byHand);
		const input = made ? made.make() : await readers[reader]?.make(chanceOf(seed));
		try {
			await readers[made?.reader ?? reader]?.read(input);
			return { kind: 'sound', message: '' };
		} catch (error) {
			return judge(error);
		}
	} catch (error) {
		return { kind: 'generator failed', message: String(error) };
	}
}
