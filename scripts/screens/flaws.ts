/** @file Flaws of a page that need no eyes: what sticks out, text that is cut, words that were not translated. */
import type { Page } from 'playwright';

/** Words that every language writes alike: names, abbreviations, file forms. */
const names = new Set(
	(
		'Evolvarium LoRA SVG PNG CSV QR JSON PDF GIF HTML JavaScript WebGPU WebAssembly GPU CPU MB kB GB URL ID arXiv GitHub PEFT GGUF ' +
		'SmolLM2-135M SmolLM2 Chromium Node onnx wasm nats English AMD EPYC LMSI STaR ReST RFT Nim Emberglass torchlette ' +
		'MIT mit hf huggingface ChatGPT Claude WhatsApp Telegram Alpaca ShareGPT KTO Alpha accelerate ROUGE-L bootstrap owner FLOP zip JSONL TRL Python Transformers vLLM INTUITOR Evol-Instruct Reflexion ReST-EM ConPET TIES DiverseEvol Self-Instruct'
	).split(' '),
);

/** Words of Latin letters in a text, other than names, numbers with a unit, addresses and authors. */
export const leftOver = (text: string, given: readonly string[] = []): readonly string[] =>
	(
		text
			.replace(
				/https?:\S+|\S+[:.]\S*\/\S*|\S+\.(?:md|jsonl?|txt|html?|csv|tsv|gguf|safetensors|jinja|cpp)\b|[A-Z][\w-]+\s+et al\.?/g,
				' ',
			)
			.replace(/\{[^}]*\}|<[^>]*>|\b(?:Top|Min) [kp]\b|alpha \/ rank/g, ' ')
			.match(/[A-Za-z][A-Za-z’'-]{2,}[\w-]*/g) ?? []
	).filter((word) => !names.has(word) && !given.includes(word));

/** One line each; empty where all is well. `given`: names that a person gave. */
export async function flawsOf(
	page: Page,
	isEnglish: boolean,
	given: readonly string[] = [],
): Promise<readonly string[]> {
	// A helper of the compiler that runs these scripts, which the page does not have.
	await page.evaluate('globalThis.__name ??= (made) => made');
	const { flaws, texts } = await page.evaluate(() => {
		const flaws: string[] = [];
		const texts = new Set<string>();
		const root = document.documentElement;
		if (root.scrollWidth > root.clientWidth)
			flaws.push(`sticks out sideways by ${root.scrollWidth - root.clientWidth} pixels`);
		const isHidden = (element: Element): boolean =>
			element.closest(
				'.visually-hidden, [aria-hidden=true] svg, script, style, noscript, option',
			) !== null || !element.checkVisibility({ visibilityProperty: true });
		/** Where a box hides what does not fit; model text may end in an ellipsis. */
		const cutBy = (element: Element, rect: DOMRect): Element | undefined => {
			for (let box: Element | null = element; box && box !== root; box = box.parentElement) {
				const style = getComputedStyle(box);
				if (style.position === 'fixed') return undefined;
				if (style.textOverflow === 'ellipsis') return undefined;
				const inner = box.getBoundingClientRect();
				const hides = (axis: string) => axis === 'hidden' || axis === 'clip';
				if (/auto|scroll/.test(style.overflowX + style.overflowY)) return undefined;
				if (
					(hides(style.overflowX) &&
						(rect.right > inner.right + 2 || rect.left < inner.left - 2)) ||
					(hides(style.overflowY) && (rect.bottom > inner.bottom + 4 || rect.top < inner.top - 4))
				)
					return box;
			}
			return undefined;
		};
		const drawn: { readonly text: string; readonly node: Node; readonly rect: DOMRect }[] = [];
		/** What lies under a dialog is not seen. */
		const top = document.querySelector('dialog[open]') ?? document.body;
		const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			const text = node.textContent?.replace(/\s+/g, ' ').trim() ?? '';
			const parent = node.parentElement;
			if (text === '' || !parent || isHidden(parent)) continue;
			if (!parent.closest('code, kbd, textarea, [lang]:not(html), [translate=no]')) texts.add(text);
			const range = document.createRange();
			range.selectNodeContents(node);
			let isForEars = false;
			for (let box: Element | null = parent; box; box = box.parentElement)
				isForEars ||= getComputedStyle(box).clipPath !== 'none';
			if (isForEars) continue;
			const isFloating = parent.closest('.controls, [role=tooltip]') !== null;
			for (const rect of range.getClientRects()) {
				// A line is taller than its letters.
				const { x, y, width, height } = rect;
				const letters = new DOMRect(x, y + 0.2 * height, width, 0.6 * height);
				if (!isFloating) drawn.push({ text, node, rect: letters });
				const box = cutBy(parent, rect);
				if (!box) continue;
				flaws.push(
					`cut: "${text.slice(0, 50)}" by ${box.tagName.toLowerCase()}.${box.getAttribute('class') ?? ''}`,
				);
				break;
			}
		}
		for (const [i, one] of drawn.entries())
			for (const other of drawn.slice(i + 1)) {
				if (one.node === other.node) continue;
				const across =
					Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
				const down =
					Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
				if (across > 3 && down > 3)
					flaws.push(`overlap: "${one.text.slice(0, 40)}" and "${other.text.slice(0, 40)}"`);
			}
		// Text that is longer than a box of a fixed height lies over what follows.
		for (const box of document.querySelectorAll<HTMLElement>(
			'h1, h2, h3, p, button, a, span, dt, dd, li, label',
		)) {
			const style = getComputedStyle(box);
			if (style.display === 'inline' || isHidden(box) || style.overflowY !== 'visible') continue;
			if (box.clientHeight > 0 && box.scrollHeight > box.clientHeight + 8)
				flaws.push(
					`spills: "${box.textContent.trim().slice(0, 50)}" of ${box.tagName.toLowerCase()}.${box.className}`,
				);
		}
		for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
			for (const element of document.querySelectorAll(`[${name}]`))
				if (!element.closest('[lang]:not(html), [translate=no]'))
					texts.add(element.getAttribute(name) ?? '');
		return { flaws: [...new Set(flaws)], texts: [...texts] };
	});
	if (isEnglish) return flaws;
	const english = texts.flatMap((text) => {
		const words = leftOver(text, given);
		return words.length > 0 ? [`English: ${words.join(' ')} in "${text.slice(0, 80)}"`] : [];
	});
	return [...flaws, ...english];
}
