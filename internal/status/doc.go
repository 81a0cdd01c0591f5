// Package status answers one question of operators: does anything need me?
package status
