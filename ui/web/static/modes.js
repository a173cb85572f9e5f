/** What the page is for at a time: a game is played, or positions are looked into. */

export const PLAY = "play";
export const ANALYSE = "analyse";
