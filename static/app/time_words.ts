import type { MemberInfo } from "../sdk/mod.ts";
import { words } from "./i18n.ts";

const DAY_MS = 86_400_000;
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]] as const;

/** The number of the local calendar day a moment falls on. */
export function dayNumber(timestamp: number): number {
  const date = new Date(timestamp);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
}

/** The time of day, such as 09:05. */
export function timeOfDay(timestamp: number): string {
  return format({ timeStyle: "short" }, timestamp);
}

/** Day and time in full, for a tooltip. */
export function fullTime(timestamp: number): string {
  return format({ dateStyle: "full", timeStyle: "medium" }, timestamp);
}

/** The name of a day: today, yesterday, else the date, with its year when that is another. */
export function dayName(timestamp: number, now: number): string {
  const age = dayNumber(now) - dayNumber(timestamp);
  if (age === 0) return words().today;
  if (age === 1) return words().yesterday;
  const year = otherYear(timestamp, now);
  return format({ weekday: "long", day: "numeric", month: "long", year }, timestamp);
}

function otherYear(timestamp: number, now: number): "numeric" | undefined {
  return new Date(now).getFullYear() === new Date(timestamp).getFullYear() ? undefined : "numeric";
}

/** Whole seconds until a moment, at least 0. */
export function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1000));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, timestamp: number): string {
  const tag = regionalTag(words().languageTag);
  const key = tag + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, made = new Intl.DateTimeFormat(tag, options));
  return made.format(timestamp);
}

/** A British reader of the English page gets British dates. */
function regionalTag(tag: string): string {
  const primary = tag.split("-")[0];
  return globalThis.navigator?.languages?.find((each) => each.split("-")[0] === primary) ?? tag;
}

/** A length of time in its largest whole unit: 10 minutes, 1 day. */
export function durationName(seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => seconds % size === 0) ?? ["second" as const, 1];
  const style = { style: "unit", unit, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(words().languageTag, style).format(seconds / size);
}

/** A moment in a few words: the time if it is today, else the day, with the time if that is yet to come. */
export function shortMoment(timestamp: number, now: number): string {
  if (dayNumber(timestamp) === dayNumber(now)) return timeOfDay(timestamp);
  if (timestamp < now) return format({ dateStyle: "medium" }, timestamp);
  const year = otherYear(timestamp, now);
  return `${format({ day: "numeric", month: "short", year }, timestamp)} ${timeOfDay(timestamp)}`;
}

/** Whether somebody is muted at the time `now`. */
export function isMuted({ mutedUntil }: MemberInfo, now: number): boolean {
  return mutedUntil === null || (mutedUntil ?? 0) > now;
}

/** Until when somebody is muted, who is. */
export function muteText({ mutedUntil }: MemberInfo, now: number): string {
  return mutedUntil ? words().mutedUntil(shortMoment(mutedUntil, now)) : words().muted;
}

/** Whether somebody is there, or when they were. */
export function statusText({ status, lastSeen }: MemberInfo): string {
  if (status === "offline" && lastSeen) return words().lastSeen(shortMoment(lastSeen, Date.now()));
  return words().statuses[status] ?? status;
}
