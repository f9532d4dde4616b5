/** @file The worker's half of the protocol: commands in, answers, errors and events out. */
import { describeError } from '#runs/describe-error.ts';
import { SessionFailure } from '#base/failure.ts';
import type { Answer, Command, Message, Port, Request } from './protocol.ts';
import type { OpenOptions } from '#platform/compute.ts';
import type { Session } from '#runs/session.ts';

/**
 * Serves the session that `open` makes (on the first command, `open`) over a port; `openDesk` serves its desk over
 * another.
 */
export function serve(
	port: Port<Message, Request>,
	open: (options: OpenOptions) => Promise<Session>,
	openDesk: (port: MessagePort) => void = noDesk,
): void {
	let opening: Promise<Session> | undefined;
	const session = (): Promise<Session> =>
		opening ??
		Promise.reject(new SessionFailure('closed', 'The session is not open; reload the page.'));

	const run = async (command: Command): Promise<Answer> => {
		switch (command.type) {
			case 'open': {
				opening ??= open(command);
				(await opening).subscribe((event) => port.send({ type: 'event', event }));
				return done;
			}
			case 'open-desk':
				await session();
				openDesk(command.port);
				return done;
			case 'dispose':
				await (await session()).dispose();
				opening = undefined;
				return done;
			default:
				return perform(await session(), command);
		}
	};

	port.receive(({ id, command }) => {
		run(command).then(
			(answer) => {
				const transfer = answer.type === 'file' ? [answer.bytes.buffer] : [];
				port.send({ type: 'answer', id, answer }, transfer);
			},
			(error: unknown) => port.send({ type: 'error', id, error: describeError(error) }),
		);
	});
}

const done: Answer = { type: 'done' };

const noDesk = (): never => {
	throw new SessionFailure('bad-request', 'Models and chat are not part of this session.');
};

async function perform(
	session: Session,
	command: Exclude<Command, { type: 'open' | 'open-desk' | 'dispose' }>,
): Promise<Answer> {
	switch (command.type) {
		case 'start':
			return { type: 'run-id', runId: await session.start(command.options) };
		case 'resume':
			await session.resume(command.runId, command.options);
			return done;
		case 'pause':
			await session.pause();
			return done;
		case 'step':
			await session.step();
			return done;
		case 'stop':
			await session.stop();
			return done;
		case 'set-knob':
			await session.setKnob(command.name, command.value, command.runId);
			return done;
		case 'reject':
			await session.reject(command.runId, command.experienceId, command.rejected);
			return done;
		case 'try-out': {
			const { runId, text, environment } = command;
			return { type: 'try-answer', answer: await session.tryOut(runId, text, environment) };
		}
		case 'runs':
			return { type: 'run-list', runs: await session.runs() };
		case 'rename':
			await session.rename(command.runId, command.name);
			return done;
		case 'delete':
			await session.delete(command.runId);
			return done;
		case 'experiences':
			return { type: 'row-list', rows: await session.experiences(command.runId, command.page) };
		case 'export': {
			const file = await session.export(command.runId, command.format);
			// A copy of its own, so that handing it over takes nothing else along.
			return { type: 'file', name: file.name, bytes: file.bytes.slice() };
		}
		case 'import':
			return { type: 'run-id', runId: await session.import(command.bytes) };
		default:
			return command satisfies never;
	}
}
