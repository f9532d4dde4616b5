/**
 * @file The loop of the survey (Tao et al. 2024, figure 2): acquire, refine, update, evaluate, and round again.
 *
 * Every step ends in an event whose state says what to do next. Whoever keeps that state can start the
 * loop again there and gets the same events as an unbroken run.
 */
import type { Everything } from '#environments/environment.ts';
import { carryOut } from './3-update/carry-out.ts';
import type { Context, EvolveSolutions, EvolveTasks, GetFeedback } from './types.ts';
import type { Plan } from './plan.ts';
import type { Evaluate, Experience, LoopEvent, LoopState, Refine, World } from './types.ts';

/** The six functions of a method, its lists of cells already chained (see `runs/assemble.ts`). */
export interface Method {
	readonly evolveTasks: EvolveTasks<Everything>;
	readonly evolveSolutions: EvolveSolutions<Everything>;
	readonly getFeedback: GetFeedback<Everything>;
	readonly refine: Refine<Everything>;
	readonly update: (refined: readonly Experience[], context: Context<Everything>) => Promise<Plan>;
	readonly evaluate: Evaluate<Everything>;
}

/** Runs from `start` to the end of round `rounds`; stop it with `return()` or the world's signal. */
export async function* evolve(
	method: Method,
	start: LoopState,
	world: World<Everything>,
	rounds: number,
): AsyncGenerator<LoopEvent, LoopState> {
	let state = start;
	let speaking: string | null = null;
	while (state.t <= rounds) {
		world.signal.throwIfAborted();
		const { t, objective, experience, policy, incumbent, accepted } = state; // Eᵗ, Mᵗ
		if (speaking !== policy.id) await world.engine.setAdapter(policy.adapter);
		speaking = policy.id;
		const context: Context<Everything> = {
			...{ world, t, rounds, objective },
			...{ policy, incumbent, accepted },
		};
		switch (state.phase) {
			case 'acquire': {
				const tasks = await method.evolveTasks(context); //                        Tᵗ
				const solutions = await method.evolveSolutions(tasks, context); //         Yᵗ
				const fresh = await method.getFeedback(solutions, context); //             Fᵗ
				state = { ...state, phase: 'refine', experience: fresh };
				yield { type: 'acquired', state };
				break;
			}
			case 'refine': {
				const refined = await method.refine(experience, context); //               T̃ᵗ, Ỹᵗ
				state = { ...state, phase: 'update', experience: refined };
				yield { type: 'refined', state };
				break;
			}
			case 'update': {
				const plan = await method.update(experience, context);
				state = { ...state, phase: 'evaluate', policy: await carryOut(plan, context) }; // Mᵗ⁺¹
				yield { type: 'updated', state, plan };
				break;
			}
			case 'evaluate': {
				const evaluation = await method.evaluate(experience, context); //          Sᵗ⁺¹, Eᵗ⁺¹
				const kept = evaluation.decision.accept === 'keep';
				const [best, score] = kept ? [policy, evaluation.report.score] : [incumbent, accepted];
				const next = { objective: evaluation.objective, policy: best, incumbent: best };
				state = { t: t + 1, phase: 'acquire', experience: [], accepted: score, ...next };
				yield { type: 'evaluated', state, evaluation };
				break;
			}
			default:
				state.phase satisfies never;
		}
	}
	return state;
}
