const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/** Says how large a file is, as 1.4 MB. */
export function fileSize(bytes: number, languageTag: string): string {
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(1, bytes)) / 3), 0), UNITS.length - 1);
  const format = {
    style: "unit",
    unit: UNITS[step],
    unitDisplay: "short",
    maximumFractionDigits: 1,
  } as const;
  return new Intl.NumberFormat(languageTag, format).format(bytes / 1000 ** step);
}
