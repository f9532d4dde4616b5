/** @file README of a hand-over: what lies where, how to go on, and how to run what comes of it. */

export interface ReadmeFacts {
	readonly base: string;
	readonly methods: readonly ('sft' | 'dpo')[];
	readonly rows: { readonly training: number; readonly validation: number };
	readonly rank: number;
	/** The adapter has learnt already. */
	readonly isBegun: boolean;
	/** Processes that can share a step evenly at most. */
	readonly processes: number;
	/** In the browser, texts of the base model stand beside the rows. */
	readonly isHeld: boolean;
}

const methodWords = { sft: 'supervised', dpo: 'by preference' } as const;

export const readme = ({
	base,
	methods,
	rows,
	rank,
	isBegun,
	processes,
	isHeld,
}: ReadmeFacts): string =>
	`# Go on on a bigger machine

A training of a LoRA on ${base}, handed over by Evolvarium. The rows are a person's own text: treat this folder as private.

| file | holds |
| --- | --- |
| \`data/\` | ${rows.training} rows to train on and ${rows.validation} held back, split by source, in TRL's formats: ${methods.map((method) => `${method} (${methodWords[method]})`).join(', ')} |
| \`config.json\` | seed, steps, the learning rate of each step, optimizer, LoRA |
| \`order.json\` | the rows of each step, in the order in which the browser draws them |
| \`start/\` | the LoRA it goes on from, for PEFT: ${isBegun ? 'what was learnt so far' : 'fresh, changes nothing yet'} |
| \`train.py\` | TRL's SFTTrainer and DPOTrainer over all of this |

## Train

Get the base model as a folder of safetensors with its tokenizer, the same one that the browser had, or by its name on the hub.

\`\`\`sh
pip install -r requirements.txt
${methods.map((method) => `accelerate launch train.py --model BASE --method ${method} --out out-${method}`).join('\n')}
\`\`\`

A step is shared by up to ${processes} processes (\`--num_processes\`). Without a GPU add \`--cpu\`. The losses lie in \`log.json\` beside the adapter.
${isHeld ? '\nIn the browser texts of the base model stand beside the rows, and all layers or the last ones are trained; here the rows alone are learnt, in all layers: examine what it forgets.\n' : ''}${methods.length > 1 ? '\nThe browser learns both kinds of row in the same steps; here each method is a training of its own.\n' : ''}${methods.includes('dpo') ? '\nDPO compares with the model as it stands in `start/`.\n' : ''}
## Run what comes of it

With vLLM:

\`\`\`sh
vllm serve BASE --enable-lora --max-lora-rank ${vllmRank(rank)} --lora-modules mine=out-${methods[0] ?? 'sft'}
\`\`\`

With llama.cpp, after its own converter has made a GGUF file of the adapter:

\`\`\`sh
python convert_lora_to_gguf.py out-${methods[0] ?? 'sft'} --base BASE --outfile mine.gguf
llama-cli -m BASE.gguf --lora mine.gguf
\`\`\`
`;

/** vLLM knows these ranks. */
const ranks = [8, 16, 32, 64, 128, 256, 320, 512];
const vllmRank = (rank: number): number => ranks.find((one) => one >= rank) ?? rank;
