"""An evaluation as one self-contained page: figures drawn, mistakes shown, the rest in words."""
