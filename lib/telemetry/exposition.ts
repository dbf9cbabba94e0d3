/** A metric that can be written in the Prometheus text format, version 0.0.4. */
export interface Metric {
  readonly name: string;
  /** One line that says what is measured and ends with what it means when it grows. */
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /**
   * Whether several workers together have as much as the one with the most, and not what all have together; or the
   * values of its label of which that is true.
   */
  readonly largest?: boolean | readonly string[];
  /** Its samples, a line each, without line breaks. */
  samples(): string[];
}

/** Writes one metric, with its samples. */
export function renderFamily(
  { name, help, type }: Pick<Metric, "name" | "help" | "type">,
  samples: readonly string[],
): string {
  let lines = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  for (const sample of samples) lines += `${sample}\n`;
  return lines;
}

/** Writes one sample; without a label if `label` is empty. */
export function renderSample(name: string, value: number, label = "", labelValue = ""): string {
  return label === "" ? `${name} ${value}` : `${name}{${label}="${escapeLabel(labelValue)}"} ${value}`;
}

function escapeHelp(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replace(/"/g, '\\"');
}
