/**
 * Tells whether two values have the same structure, as `@std/assert` sees it: `0` equals `-0`, `NaN` equals
 * itself, a missing field differs from an undefined one, and an object without a prototype equals a plain one.
 *
 * `node:assert` differs in the first and the last (rows of `node:sqlite` have no prototype), hence a comparison
 * of our own.
 */
export function equal(a: unknown, b: unknown): boolean {
  return new Comparison().same(a, b);
}

class Comparison {
  /** The pairs being compared right now: meeting one again means a circle, not a difference. */
  #underWay: [object, object][] = [];

  same(a: unknown, b: unknown): boolean {
    if (a === b || Object.is(a, b)) return true;
    if (!isObject(a) || !isObject(b) || kindOf(a) !== kindOf(b)) return false;
    if (this.#underWay.some(([left, right]) => left === a && right === b)) return true;
    this.#underWay.push([a, b]);
    const same = this.#sameContent(a, b);
    this.#underWay.pop();
    return same;
  }

  #sameContent(a: object, b: object): boolean {
    if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
    if (isBytes(a)) return sameBytes(a, b as ArrayBuffer | ArrayBufferView);
    if (a instanceof RegExp || a instanceof URL || a instanceof URLSearchParams) {
      return String(a) === String(b);
    }
    if (Object.keys(a).length !== Object.keys(b).length) return false;
    if (a instanceof Map) return this.#sameEntries([...a], [...(b as Map<unknown, unknown>)]);
    if (a instanceof Set) return this.#sameEntries([...a], [...(b as Set<unknown>)]);
    return this.#sameFields(a, b);
  }

  #sameEntries(a: unknown[], b: unknown[]): boolean {
    if (a.length !== b.length) return false;
    const left = new Set(b);
    return a.every((entry) => {
      for (const other of left) {
        if (this.same(entry, other)) return left.delete(other);
      }
      return false;
    });
  }

  #sameFields(a: object, b: object): boolean {
    for (const key of new Set([...fieldsOf(a), ...fieldsOf(b)])) {
      if (!(key in a) || !(key in b)) return false;
      if (!this.same(Reflect.get(a, key), Reflect.get(b, key))) return false;
    }
    return true;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function kindOf(value: object): object {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function isBytes(value: object): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function sameBytes(a: ArrayBuffer | ArrayBufferView, b: ArrayBuffer | ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength) return false;
  // Numbers are compared as numbers: -0 and NaN have several spellings in bytes.
  if (a instanceof Float32Array || a instanceof Float64Array) {
    return a.every((value, index) =>
      value === (b as typeof a)[index] || Object.is(value, (b as typeof a)[index])
    );
  }
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left.every((byte, index) => byte === right[index]);
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}

/** The own keys of plain objects and arrays; for instances of a class also what their getters say. */
function fieldsOf(value: object): Set<PropertyKey> {
  const keys = new Set<PropertyKey>();
  let at: object | null = value;
  while (at !== null && at !== Object.prototype && at !== Array.prototype) {
    for (const key of Reflect.ownKeys(at)) keys.add(key);
    at = Object.getPrototypeOf(at);
  }
  return keys;
}
