/**
 * Reduces an object to the fields that the other names too, at every depth; arrays keep as many elements as the
 * other has, maps the keys and sets the values that both hold.
 */
export function common(value: object, wanted: object): object {
  return new Reduction().reduce(value, wanted) as object;
}

class Reduction {
  #underWay = new Map<object, object>();

  reduce(value: unknown, wanted: unknown): unknown {
    if (!isContainer(value) || !isContainer(wanted)) return value;
    const known = this.#underWay.get(value);
    if (known) return known;
    if (value instanceof Map && wanted instanceof Map) return this.#reduceMap(value, wanted);
    if (value instanceof Set && wanted instanceof Set) return value.intersection(wanted);
    if (Array.isArray(value) !== Array.isArray(wanted)) return value;
    const reduced = Array.isArray(value) ? [] : {};
    this.#underWay.set(value, reduced);
    for (const key of keysOf(value)) {
      if (!Object.hasOwn(wanted, key)) continue;
      Reflect.set(reduced, key, this.reduce(Reflect.get(value, key), Reflect.get(wanted, key)));
    }
    this.#underWay.delete(value);
    return reduced;
  }

  #reduceMap(value: Map<unknown, unknown>, wanted: Map<unknown, unknown>): Map<unknown, unknown> {
    const shared = [...value].filter(([key]) => wanted.has(key));
    return new Map(shared.map(([key, item]) => [key, this.reduce(item, wanted.get(key))]));
  }
}

function keysOf(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => !(Array.isArray(value) && key === "length"));
}

/** Dates and patterns are compared whole; everything else may have fields that do not matter. */
function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Date) &&
    !(value instanceof RegExp);
}
