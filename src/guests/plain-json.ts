import { PythonNumber } from '../http/shapes/read-json.js';

/** A JSON object as JavaScript has it: `1.0` is 1. What has no such number was refused by the shape. */
export function plainJson(value: object | null): object | null {
  return value && (plain(value) as object);
}

function plain(value: unknown): unknown {
  if (value instanceof PythonNumber) return Number(value.shown);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}
