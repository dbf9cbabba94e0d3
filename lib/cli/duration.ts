const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from a text like 30s, 15m, 1h or 7d; `undefined` for any other. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,8})([smhd])$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS];
}

/** Words for how long something takes, in its largest unit that is not much too coarse. */
export function describeDuration(ms: number): string {
  const units = [["days", UNITS_MS.d], ["hours", UNITS_MS.h], ["minutes", UNITS_MS.m]] as const;
  const [name, unitMs] = units.find(([, unitMs]) => ms >= 2 * unitMs) ?? ["seconds", UNITS_MS.s];
  const count = Math.floor(ms / unitMs);
  return `${count} ${count === 1 ? name.slice(0, -1) : name}`;
}
