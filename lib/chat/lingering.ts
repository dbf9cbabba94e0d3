import { Alarm } from "../kit/alarm.ts";
import { RecentMap } from "../kit/recent_map.ts";
import type { Attendee } from "./attendance.ts";

/** Rooms that are remembered of one person: who goes on like this is forgotten by the room that saw them go first. */
const MAX_ROOMS = 1_000;

/** People whom rooms saw go while another of their devices, which has no seat there, stayed connected. */
export class Lingering implements Disposable {
  /** By person, and for each of them by room. */
  readonly #attendees = new Map<string, RecentMap<string, Attendee>>();
  readonly #missed: Alarm<string>;

  /** `ring` is called for who has been missed for `graceMs`. */
  constructor(graceMs: number, ring: (userId: string) => void) {
    this.#missed = new Alarm(graceMs, ring);
  }

  add(attendee: Attendee): void {
    const { userId, roomId } = attendee;
    let rooms = this.#attendees.get(userId);
    if (rooms === undefined) this.#attendees.set(userId, rooms = new RecentMap(MAX_ROOMS));
    rooms.set(roomId, attendee);
  }

  /** Who they were in a room that saw them go. */
  get(userId: string, roomId: string): Attendee | undefined {
    return this.#attendees.get(userId)?.get(roomId);
  }

  /** Who they were in every such room. */
  of(userId: string): Iterable<Attendee> {
    return this.#attendees.get(userId)?.values() ?? [];
  }

  /** They are in the room again, or belong to it no longer. */
  delete(userId: string, roomId: string): void {
    const rooms = this.#attendees.get(userId);
    if (!rooms?.delete(roomId) || rooms.size > 0) return;
    this.#attendees.delete(userId);
    this.#missed.clear(userId);
  }

  /** None of their devices is connected, for now. */
  miss(userId: string): void {
    if (this.#attendees.has(userId)) this.#missed.set(userId);
  }

  /** They have a device again. */
  find(userId: string): void {
    this.#missed.clear(userId);
  }

  /** Forgets a person; returns who they were, in every room that is still to hear that they are gone. */
  take(userId: string): Attendee[] {
    const attendees = [...this.of(userId)];
    this.#attendees.delete(userId);
    this.#missed.clear(userId);
    return attendees;
  }

  [Symbol.dispose](): void {
    this.#missed[Symbol.dispose]();
    this.#attendees.clear();
  }
}
