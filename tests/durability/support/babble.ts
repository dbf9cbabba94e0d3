import { Chance } from "../../hostile/chance.ts";

const CONSONANTS = "bcdfghjklmnpqrstvwz";
const VOWELS = "aeiou";
const WORDS = 30_000;
/** Where the Chinese characters begin that words are made of; every third is taken. */
const FIRST_CHARACTER = 0x5000;
const CHARACTERS = 2_300;
const CHINESE_WORDS = 8_000;

/** Text that nobody means, in words as common and as rare as those of a language: the same for the same seed. */
export class Babble {
  readonly #chance: Chance;
  readonly #words: string[] = ["the", "to", "and", "of", "in", "is", "you"];
  readonly #chineseWords: string[] = ["今天", "上海", "我家", "东边"];

  constructor(seed: number) {
    this.#chance = new Chance(seed);
    while (this.#words.length < WORDS) this.#words.push(this.#makeWord());
    while (this.#chineseWords.length < CHINESE_WORDS) this.#chineseWords.push(this.#makeChineseWord());
  }

  /** A number below `count`, the small ones far more often. */
  rank(count: number): number {
    return Math.min(count - 1, Math.floor(Math.exp(this.#unit() * Math.log(count + 1)) - 1));
  }

  /** A message: six of ten in letters, three in Chinese, one in both. */
  message(): string {
    const kind = this.#unit();
    if (kind < 0.6) return this.#letters();
    return kind < 0.9 ? this.#chinese() : `${this.#letters()} ${this.#chinese()}`;
  }

  /** A word in letters, among the `common` most common ones. */
  word(common = WORDS): string {
    return this.#words[this.rank(common)];
  }

  chineseWord(): string {
    return this.#chineseWords[this.rank(CHINESE_WORDS)];
  }

  #letters(): string {
    return Array.from({ length: 3 + this.#below(16) }, () => this.word()).join(" ");
  }

  #chinese(): string {
    return `${Array.from({ length: 3 + this.#below(14) }, () => this.chineseWord()).join("")}。`;
  }

  #makeWord(): string {
    let word = "";
    for (let syllables = 1 + this.#below(4); syllables > 0; syllables--) {
      word += CONSONANTS[this.#below(CONSONANTS.length)] + VOWELS[this.#below(VOWELS.length)];
    }
    return word;
  }

  #makeChineseWord(): string {
    const make = () => String.fromCharCode(FIRST_CHARACTER + 3 * this.rank(CHARACTERS));
    return Array.from({ length: 1 + this.#below(3) }, make).join("");
  }

  #below(count: number): number {
    return Math.floor(this.#unit() * count);
  }

  #unit(): number {
    return this.#chance.next();
  }
}
