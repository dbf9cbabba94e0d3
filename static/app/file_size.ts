const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** Says how large a file is, as 1.4 MB. */
export function fileSize(bytes: number, languageTag: string): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(1, bytes)) / 3), UNITS.length - 1);
  return new Intl.NumberFormat(languageTag, {
    style: "unit",
    unit: UNITS[step],
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: 1,
  }).format(bytes / 1000 ** step);
}
