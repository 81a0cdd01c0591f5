// Package trial tries the production shape out: it follows the installation
// chapter, takes orders through, kills and stops what runs, and holds the
// containers against everything that was once found wrong with them.
package trial
