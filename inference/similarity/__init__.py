"""The images that a network finds most alike, exactly, whichever way they are looked for."""
