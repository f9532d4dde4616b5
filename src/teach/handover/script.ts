/** @file Script of a hand-over: TRL's trainers on its rows, from its adapter, batch by batch as here. */

/** Versions that the script was tried with. */
export const requirements = `torch>=2.6
transformers>=5.0
peft>=0.20
trl>=1.0
accelerate>=1.10
datasets>=4.0
`;

export const script = `"""Goes on with a training of Evolvarium by TRL: SFT or DPO, from the adapter in start/.

accelerate launch train.py --model BASE [--method sft|dpo] [--out out] [--steps N]

Batches, learning rates and clipping are those of config.json and order.json, however many processes share the work, so
that the losses can be compared with those of the browser.
"""

import argparse
import json
import os
from pathlib import Path

import torch
from datasets import load_dataset
from peft import PeftModel
from torch.optim.lr_scheduler import LambdaLR
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

HERE = Path(__file__).parent
config = json.loads((HERE / "config.json").read_text())
parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True, help="the base model: a folder, or its name on the hub")
parser.add_argument("--method", choices=config["methods"], default=config["methods"][0])
parser.add_argument("--out", default="out")
parser.add_argument("--steps", type=int, default=config["steps"])
options = parser.parse_args()

processes = int(os.environ.get("WORLD_SIZE", "1"))
order = json.loads((HERE / "order.json").read_text())[options.method][: options.steps]
rows_in_step = len(order[0])
if rows_in_step % processes:
    raise SystemExit(f"A step has {rows_in_step} rows, which {processes} processes cannot share evenly.")

cuda = torch.cuda.is_available()
bfloat16 = cuda and torch.cuda.is_bf16_supported()
tokenizer = AutoTokenizer.from_pretrained(options.model)
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token
base = AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.bfloat16 if bfloat16 else torch.float32)
model = PeftModel.from_pretrained(base, HERE / "start", is_trainable=True)

data = load_dataset("json", data_files={
    side: str(path) for side in ("training", "validation")
    if (path := HERE / "data" / f"{options.method}-{side}.jsonl").exists()
})
rates = config["learningRates"]
settings = dict(
    output_dir=options.out, seed=config["seed"], max_steps=len(order), report_to="none", save_strategy="no",
    per_device_train_batch_size=rows_in_step // processes, per_device_eval_batch_size=4,
    train_sampling_strategy="sequential", learning_rate=max(rates), max_length=config["maxTokens"],
    optim="adamw_torch", weight_decay=config["weightDecay"], adam_beta1=config["beta1"], adam_beta2=config["beta2"],
    adam_epsilon=config["epsilon"], max_grad_norm=config["clip"], logging_steps=1, logging_nan_inf_filter=False,
    bf16=bfloat16, use_cpu=not cuda, gradient_checkpointing=False, dataloader_drop_last=False,
    eval_strategy="steps" if "validation" in data else "no", eval_steps=config["validateEvery"] or None,
)
if options.method == "dpo":
    arguments, kind = DPOConfig(beta=config["beta"], **settings), DPOTrainer
else:
    arguments, kind = SFTConfig(packing=False, completion_only_loss=True, **settings), SFTTrainer


class Trainer(kind):
    def create_scheduler(self, num_training_steps, optimizer=None):
        rate = lambda step: rates[min(step, len(rates) - 1)] / max(rates)
        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, rate)
        return self.lr_scheduler


trainer = Trainer(
    model=model, args=arguments, processing_class=tokenizer,
    train_dataset=data["training"].select([row for step in order for row in step]),
    eval_dataset=data.get("validation"),
)
trainer.train()
trainer.save_model(options.out)
if trainer.is_world_process_zero():
    (Path(options.out) / "log.json").write_text(json.dumps(trainer.state.log_history, indent=1))
`;
