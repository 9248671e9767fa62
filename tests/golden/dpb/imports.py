import os.path as path, sys
from . import sibling
from collections import OrderedDict, abc as interfaces
from math import *
