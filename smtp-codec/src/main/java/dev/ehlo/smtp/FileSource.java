package dev.ehlo.smtp;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The content of a whole file. */
record FileSource(Path path, long octets) implements MessageSource {
    @Override
    public ReadableByteChannel open() throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        return FileRegion.of(file, 0, octets, file);
    }
}
