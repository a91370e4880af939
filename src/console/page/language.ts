import type en from './messages/en.json';

export type MessageKey = keyof typeof en;
type Values = Readonly<Record<string, string | number>>;
type Messages = Readonly<Record<MessageKey, string | { readonly one?: string; readonly other: string }>>;

/** The languages that there are messages of, each in its own name. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = 'latchkey-language';

let messages: Messages;
let language: Language = 'en';

export const currentLanguage = (): Language => language;

const isLanguage = (name: string): name is Language => Object.hasOwn(LANGUAGES, name);

/** The language that was chosen before, or the first of the browser's that there is. */
function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORED) ?? '';
  const named = [stored, ...navigator.languages.map((each) => each.slice(0, 2).toLowerCase())];
  return named.find(isLanguage) ?? 'en';
}

/** Loads the messages of a language, and remembers it if it was chosen. */
export async function loadLanguage(chosen?: string): Promise<void> {
  const next = chosen !== undefined && isLanguage(chosen) ? chosen : preferredLanguage();
  const answer = await fetch(`console/messages/${next}.json`);
  messages = (await answer.json()) as Messages;
  language = next;
  makeFormatters();
  document.documentElement.lang = next;
  if (chosen !== undefined) localStorage.setItem(STORED, next);
}

/** A message with its `{values}` filled in; `count` decides between singular and plural. */
export function t(key: MessageKey, values: Values = {}): string {
  const message = messages[key];
  const count = Number(values.count ?? 0);
  const form = formatters.plural.select(count) === 'one' ? 'one' : 'other';
  const text = typeof message === 'string' ? message : (message[form] ?? message.other);
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The services's times are UTC and have no Z. */
export const dateOf = (time: string): Date => new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`);

/** Formatters take longer to make than to use, and lists have thousands of times. */
let formatters: {
  readonly plural: Intl.PluralRules;
  readonly date: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
};

function makeFormatters(): void {
  // Dates are written as in the reader's country.
  const locale = navigator.languages.find((each) => each.startsWith(language)) ?? language;
  formatters = {
    plural: new Intl.PluralRules(language),
    date: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }),
    time: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  };
}

export const showDate = (time: string): string => formatters.date.format(dateOf(time));

export const showTime = (time: string): string => formatters.time.format(dateOf(time));
