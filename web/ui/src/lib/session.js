/* session.js - who is logged in, and what that role may do. The server checks
 * every request; here it is decided only which controls are shown. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export const ROLES = ['viewer', 'editor', 'admin'];

export const Session = createContext(null);
export const useSession = () => useContext(Session);

/* Whether a role may do what asks for at least `least`. */
export const may = (session, least) => session !== null &&
	ROLES.indexOf(session.role) >= ROLES.indexOf(least);
