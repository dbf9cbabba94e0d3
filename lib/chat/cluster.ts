import { type Bus, type Listener, roomTopic } from "../bus/bus.ts";
import { LocalBus } from "../bus/local_bus.ts";
import { sleep, within } from "../kit/wait.ts";
import type { Letter, NodeLetters, Questions, RoomLetters } from "./letters.ts";
import { Nodes } from "./nodes.ts";

type Letters = RoomLetters & NodeLetters;
/** Takes a letter; `roomId` is `""` for one that is about no room. */
type Handler<K extends keyof Letters> = (letter: Letters[K], node: string, roomId: string) => void;
type Answer<S extends keyof Questions> = Questions[S]["answer"];
type Answerer<S extends keyof Questions> = (about: Questions[S]["about"]) => Answer<S> | Promise<Answer<S>>;

interface Asked {
  readonly missing: Set<string>;
  readonly answers: Map<string, unknown>;
  readonly done: PromiseWithResolvers<void>;
}

/** Followed by every node. */
const ALL = "nodes";
/** Others are waited for no longer than this. */
const MAX_ANSWER_MS = 500;
/** What a node says of its people once it has said goodbye is that they go, and that is known. */
const OF_THE_PRESENT: ReadonlySet<string> = new Set<keyof Letters>(["presence", "guests"]);
/** A node that has just started waits for others to make themselves known. */
const MEETING_MS = 100;

/**
 * The other nodes of this server, as one sees them from here: takes letters to them, and brings theirs.
 *
 * Letters are hints. What must hold whether or not they arrive is in the store; whoever relies on letters says in
 * {@linkcode Cluster.onMissed} how to catch up.
 */
export class Cluster implements Listener, AsyncDisposable {
  readonly #bus: Bus;
  readonly #nodes: Nodes;
  readonly #handlers = new Map<string, (letter: never, node: string, roomId: string) => void>();
  readonly #answerers = new Map<string, (about: never) => unknown>();
  readonly #asked = new Map<number, Asked>();
  readonly #missed: (() => void)[] = [];
  readonly #surprised: (error: unknown) => void;
  #lastNumber = 0;

  /** `surprised` hears of letters that cannot be read or followed. */
  constructor(bus: Bus = new LocalBus(), surprised: (error: unknown) => void = () => {}) {
    this.#bus = bus;
    this.#surprised = surprised;
    this.on("bye", ({ returnWithinMs }, node) => this.#nodes.part(node, returnWithinMs));
    this.on("question", (question, node) => this.#reply(node, question));
    this.on("answer", (answer, node) => this.#take(node, answer));
    this.#nodes = new Nodes({
      beat: () => {
        if (bus.isUp) this.#publish(ALL, "beat", {});
        return bus.isUp;
      },
      gone: (node) => this.#forget(node),
    });
  }

  /** Whether there can be other nodes. */
  get isShared(): boolean {
    return this.#bus.isShared;
  }

  /** Whether other nodes can be reached, as far as is known; true where there are none. */
  get isUp(): boolean {
    return this.#bus.isUp;
  }

  /** Other nodes that are known to be alive. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Makes this node known to the others, and the others to this one. */
  async open(): Promise<void> {
    if (!this.isShared) return;
    this.#bus.listen(this);
    await Promise.all([this.#bus.follow(ALL), this.#bus.follow(nodeTopic(this.#bus.nodeId))]);
    this.#nodes.open();
    this.tellAll("hello", { isFresh: true });
    await sleep(MEETING_MS);
  }

  /** Takes letters of a kind; one handler for each. */
  on<K extends keyof Letters>(kind: K, handler: Handler<K>): void {
    this.#handlers.set(kind, handler);
  }

  /** Answers questions on a subject; one answerer for each. What it knows at once, it says before what follows. */
  answer<S extends keyof Questions>(subject: S, answerer: Answerer<S>): void {
    this.#answerers.set(subject, answerer);
  }

  /** Called when letters may have been lost, or a node was thought gone that was not. */
  onMissed(catchUp: () => void): void {
    this.#missed.push(catchUp);
  }

  /** Called when a node is gone; its people may be back elsewhere within that time. */
  onGone(handler: (node: string, returnWithinMs: number) => void): void {
    this.#nodes.onGone(handler);
  }

  /** A node has died: it is not waited for, though its people may be back. */
  lost(node: string): void {
    this.#nodes.part(node, 0);
  }

  /** Hears what other nodes tell of a room, from now on. */
  async follow(roomId: string): Promise<void> {
    if (this.isShared) await this.#bus.follow(roomTopic(roomId));
  }

  unfollow(roomId: string): void {
    if (this.isShared) this.#bus.unfollow(roomTopic(roomId));
  }

  /** Tells the other nodes that follow a room. */
  tellRoom<K extends keyof RoomLetters>(roomId: string, kind: K, letter: RoomLetters[K]): void {
    if (this.isShared && !(kind === "messages" && this.#bus.carriesAppends)) {
      this.#publish(roomTopic(roomId), kind, letter);
    }
  }

  /** Tells every other node. */
  tellAll<K extends keyof NodeLetters>(kind: K, letter: NodeLetters[K]): void {
    if (this.isShared) this.#publish(ALL, kind, letter);
  }

  /** Tells one node. */
  tell<K extends keyof NodeLetters>(node: string, kind: K, letter: NodeLetters[K]): void {
    this.#publish(nodeTopic(node), kind, letter);
  }

  /**
   * Asks every other node, and waits until all have answered, are gone, or take too long: so what they are asked for
   * is done everywhere by then, as a rule.
   */
  async ask<S extends keyof Questions>(
    subject: S,
    about: Questions[S]["about"],
  ): Promise<Map<string, Questions[S]["answer"]>> {
    const answers = new Map<string, Questions[S]["answer"]>();
    if (!this.isShared || !this.#bus.isUp) return answers;
    const number = ++this.#lastNumber;
    const asked = { missing: new Set(this.#nodes), answers, done: Promise.withResolvers<void>() };
    this.#asked.set(number, asked);
    this.#publish(ALL, "question", { number, subject, about });
    if (asked.missing.size > 0) await within(MAX_ANSWER_MS, asked.done.promise);
    this.#asked.delete(number);
    return answers;
  }

  heard(topic: string, text: string): void {
    try {
      this.#read(JSON.parse(text), topic.startsWith("room:") ? topic.slice("room:".length) : "");
    } catch (error) {
      this.#surprised(error);
    }
  }

  missed(): void {
    this.#nodes.refresh();
    for (const catchUp of this.#missed) catchUp();
  }

  /** Tells the others that the people of this node will be back elsewhere within that time. */
  part(returnWithinMs: number): void {
    this.tellAll("bye", { returnWithinMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.part(0);
    for (const { done } of this.#asked.values()) done.resolve();
    this.#nodes[Symbol.dispose]();
    await this.#bus[Symbol.asyncDispose]();
  }

  #read(letter: Letter, roomId: string): void {
    const { kind, node = "" } = letter;
    const standing = node === "" || kind === "bye" ? "known" : this.#nodes.hear(node);
    if (standing === "parted" && OF_THE_PRESENT.has(kind)) return;
    if (standing === "new" && !letter.isFresh) {
      // It was here before, or was taken for gone: there is more to know of it.
      this.tell(node, "hello", { isFresh: false });
      if (this.#nodes.isOld) this.missed();
    }
    this.#handlers.get(kind)?.(letter as never, node, roomId);
  }

  #publish(topic: string, kind: string, letter: object): void {
    this.#bus.publish(topic, JSON.stringify({ kind, node: this.#bus.nodeId, ...letter }));
  }

  #reply(node: string, { number, subject, about }: NodeLetters["question"]): void {
    const answer = this.#answerers.get(subject)?.(about as never);
    if (!(answer instanceof Promise)) return this.tell(node, "answer", { number, answer });
    answer.then((answer) => this.tell(node, "answer", { number, answer }), this.#surprised);
  }

  #take(node: string, { number, answer }: NodeLetters["answer"]): void {
    const asked = this.#asked.get(number);
    // Nobody waits for a node that has said goodbye, and what it says is of the past.
    if (!asked?.missing.delete(node)) return;
    asked.answers.set(node, answer);
    if (asked.missing.size === 0) asked.done.resolve();
  }

  #forget(node: string): void {
    for (const { missing, done } of this.#asked.values()) {
      if (missing.delete(node) && missing.size === 0) done.resolve();
    }
  }
}

/** Followed by one node alone. */
function nodeTopic(node: string): string {
  return `node:${node}`;
}
