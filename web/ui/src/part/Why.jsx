/* Why - what the server says of a failure, in the reader's language. */
import { said } from '../lib/i18n.js';

export const Why = ({ why }) => <>{said('why', why)}</>;
