import { Module } from '@nestjs/common';
import { Keys } from './keys.js';

@Module({ providers: [Keys], exports: [Keys] })
export class CryptoModule {}
