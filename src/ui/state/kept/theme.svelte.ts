/** @file Light or dark: the system's choice until a person makes their own. */
const key = 'evolvarium.theme';

export type ThemeName = 'light' | 'dark';

export class Theme {
	name = $state<ThemeName>('light');
	constructor() {
		const chosen = read();
		this.name = chosen ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
		if (chosen) document.documentElement.dataset['theme'] = chosen;
	}
	toggle(): void {
		this.name = this.name === 'dark' ? 'light' : 'dark';
		document.documentElement.dataset['theme'] = this.name;
		try {
			localStorage.setItem(key, this.name);
		} catch {
			// storage is forbidden here: the choice lasts as long as the page
		}
	}
}

function read(): ThemeName | null {
	try {
		const stored = localStorage.getItem(key);
		return stored === 'light' || stored === 'dark' ? stored : null;
	} catch {
		return null;
	}
}
