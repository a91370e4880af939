import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { isText, Rules, shapedBody } from './shape.js';

class Named {
  @Rules(isText)
  name: string;
}

describe('a shape', () => {
  const hostile = JSON.parse('{"name":{"constructor":1}}') as object;

  // Why shapes are filled by hand: class-transformer goes through what is nested in a value that a client sent.
  it('cannot be built by class-transformer, which fails where a client sends a member called constructor', () => {
    expect(() => plainToInstance(Named, hostile)).toThrow(TypeError);
  });

  it('takes such a member for what it is, a value of the wrong type', () => {
    const inside = Object.assign(Object.create(null) as object, hostile);
    const body = Object.assign(Object.create(null) as object, { named: inside });
    expect(() => shapedBody({ property: 'named', shape: Named }, body)).toThrow(
      /'constructor': 1.* is not of type 'string'/,
    );
  });
});
