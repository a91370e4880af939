import { ApiProperty } from '@nestjs/swagger';
import type { ClassConstructor } from 'class-transformer';

/**
 * The form of an answer, for OpenAPI: a class with ApiProperty on its properties, a list of one form, or an object of forms.
 * Property names with a `?` at the end may be absent.
 */
export type ResponseForm =
  ClassConstructor<object> | readonly [ResponseForm] | { readonly [property: string]: ResponseForm };

/** An answer that is not, or not only, JSON: what there is of each media type, `text` or `bytes` where it has no form. */
export class MediaForm {
  constructor(readonly media: Readonly<Record<string, ResponseForm | 'text' | 'bytes'>>) {}
}

const TIME = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$`;

/** A property that holds a time. */
export const Time = (description = 'UTC.', required = true): PropertyDecorator =>
  ApiProperty({ ...(!required && { required }), pattern: TIME, description });
export const TimeOrNull = (description = 'UTC.'): PropertyDecorator =>
  ApiProperty({ type: 'string', pattern: TIME, nullable: true, description });
