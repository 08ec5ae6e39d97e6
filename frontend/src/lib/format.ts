const decimals = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const dateTime = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const shortForms = /\b(api|opc ua|tcp|csv|json|rms|ewma|rpm)\b/g;

/** A measured value with two decimals; below one, with three significant digits. */
export function formatValue(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) {
    return '–';
  }
  return Math.abs(value) >= 1 || value === 0
    ? value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
    : decimals.format(value);
}

/** A whole number with thousands separators. */
export function formatCount(value: number): string {
  return value.toLocaleString('en');
}

/** With its sign and a real minus: "+4", "−15", "0"; a dash for nothing. */
export function formatSigned(value: number | null, digits = 0): string {
  if (value === null) {
    return '–';
  }
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) {
    return '0';
  }
  return value > 0 ? `+${text}` : `−${text}`;
}

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size in its largest unit, three significant digits: "950 bytes", "1.23 MB"; a kB has 1,000 bytes. */
export function formatBytes(bytes: number): string {
  const power = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const rounded = Number((bytes / 1000 ** power).toPrecision(3));
  return rounded === 1000 && power < byteUnits.length - 1
    ? `1 ${byteUnits[power + 1]}`
    : `${rounded} ${byteUnits[power]}`;
}

/** Date and time of day in the browser's zone. */
export function formatDateTime(time: string | number | Date): string {
  return dateTime.format(new Date(time));
}

/** Time of day in the browser's zone. */
export function formatTimeOfDay(time: string | number | Date): string {
  return timeOfDay.format(new Date(time));
}

/** Short name of the browser's zone at that moment, such as "UTC" or "GMT+2". */
export function zoneName(time: Date): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(time);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** A span of time in its one or two largest units: "8 s", "4 min", "2 h 5 min", "3 d 4 h". */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  }
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** "vibration_rms" becomes "Vibration rms"; "IN_PROGRESS" becomes "In progress". */
export function toWords(name: string): string {
  const text = name.replaceAll('_', ' ').trim();
  const words = (text === text.toUpperCase() ? text.toLowerCase() : text).replace(shortForms, (word) =>
    word.toUpperCase(),
  );
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const unitSigns: Record<string, string> = {
  celsius: '°C',
  degc: '°C',
  fahrenheit: '°F',
  degf: '°F',
  kelvin: 'K',
  percent: '%',
};

/** A unit as it is read on a gauge: "celsius" becomes "°C". */
export function formatUnit(unit: string): string {
  return unitSigns[unit.toLowerCase()] ?? unit;
}
