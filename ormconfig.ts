import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { readConfig } from './src/config/config.js';
import { dataSourceOptions } from './src/persistence/data-source.js';

/** The database of the environment, for TypeORM's command line: `npm run migration:show` and its like. */
export default new DataSource(dataSourceOptions(readConfig(process.env)));
