import { describe, expect, test } from 'vitest';
import { readQueueAddress } from '@gradcam/service/fleet';

describe('the address of a queue', () => {
  test.each([
    ['redis://localhost', { host: 'localhost', port: 6379, db: 0 }, 'redis://localhost:6379'],
    [
      'valkey://10.0.0.1:7000/3',
      { host: '10.0.0.1', port: 7000, db: 3 },
      'valkey://10.0.0.1:7000/3',
    ],
    ['redis://[::1]:7000', { host: '::1', port: 7000, db: 0 }, 'redis://[::1]:7000'],
    [
      'rediss://me:p%40ss@q.example/1',
      {
        host: 'q.example',
        port: 6379,
        db: 1,
        username: 'me',
        password: 'p@ss',
        tls: { servername: 'q.example' },
      },
      'rediss://q.example:6379/1',
    ],
  ])('%s', (text, options, shown) => {
    expect(readQueueAddress(text)).toEqual({ options, shown });
  });

  test('takes the password of the environment where it has none', () => {
    expect(readQueueAddress('redis://h', 'secret').options.password).toBe('secret');
    expect(readQueueAddress('redis://:own@h', 'secret').options.password).toBe('own');
  });

  test.each(['localhost:6379', 'http://h', 'redis://', 'redis://h/words', 'redis://:secret@h/x'])(
    'is refused in one line that does not repeat it: %s',
    (text) => {
      expect(() => readQueueAddress(text)).toThrow(/^--queue takes an address such as redis:\/\//);
      expect(() => readQueueAddress(text)).not.toThrow(/secret/);
    },
  );
});
