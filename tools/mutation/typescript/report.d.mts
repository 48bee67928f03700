/** The lower end of Wilson's score interval at 95 %. */
export function wilson(noticed: number, n: number): number;
