/** @file How a button inside a dialog closes it. */

/** Closes the dialog that the button stands in; only so does the focus go back to where it was. */
export function closeDialog({ currentTarget }: Pick<Event, 'currentTarget'>): void {
	if (currentTarget instanceof Element) currentTarget.closest('dialog')?.close();
}
