/** @file Type of a compiled catalogue: a function for each message; `scripts/site/messages.ts` makes it. */
declare module '*?messages' {
	const messages: Readonly<
		Record<string, (values: Readonly<Record<string, string | number>>) => string>
	>;
	export default messages;
}
