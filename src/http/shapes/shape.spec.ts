import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { IsEmail } from 'class-validator';
import { readJson } from './read-json.js';
import { isText, Optional, Rules, shapedBody } from './shape.js';

class Named {
  @Rules(isText)
  name: string;
}

describe('a shape', () => {
  const hostile = '{"name":{"constructor":1}}';

  // Why shapes are filled by hand: class-transformer goes through what is nested in a value that a client sent.
  it('cannot be built by class-transformer, which fails where a client sends a member called constructor', () => {
    expect(() => plainToInstance(Named, JSON.parse(hostile) as object)).toThrow(TypeError);
  });

  it('takes such a member for what it is, a value of the wrong type', () => {
    const body = readJson(`{"named":${hostile}}`);
    expect(() => shapedBody({ property: 'named', shape: Named }, body)).toThrow(
      /'constructor': 1.* is not of type 'string'/,
    );
  });

  it('is refused with a constraint that only class-validator would check', () => {
    class Addressed {
      @IsEmail()
      @Rules(isText)
      address: string;
    }
    const body = readJson('{"guest":{"address":"x"}}');
    const read = (): object => shapedBody({ property: 'guest', shape: Addressed }, body);
    expect(read).toThrow('Addressed.address must have one @Rules, no other constraint, ');
  });

  it('is refused if it declares a property of its parent again, which would stay optional', () => {
    class Changed {
      @Optional(isText) name?: string;
    }
    class Created extends Changed {
      @Rules(isText) declare name: string;
    }
    const read = (): object => shapedBody({ property: 'guest', shape: Created }, readJson('{"guest":{}}'));
    expect(read).toThrow(
      'Created.name must have one @Rules, no other constraint, and no declaration in a parent class',
    );
  });
});
