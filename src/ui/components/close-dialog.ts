/** @file Close action of a button inside a dialog. */

/** Closes the dialog around the button, so that the browser restores the focus. */
export function closeDialog({ currentTarget }: Pick<Event, 'currentTarget'>): void {
	if (currentTarget instanceof Element) currentTarget.closest('dialog')?.close();
}
